import type { ServerResponse } from 'node:http';

/** Something that goes wrong between us and GitHub, in the place of an answer. */
export interface Fault {
  readonly method: string;
  /** What the path must hold. */
  readonly path: RegExp;
  /** How often; default: always. */
  times?: number;
  /** Whether what was asked for is done all the same. */
  readonly done?: boolean;
  /** Default: the connection is reset. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body as it is. */
  readonly body?: string;
  /** The connection breaks off in the middle of the body. */
  readonly cut?: boolean;
}

/** The first fault that fits a call, used up by one. */
export function faultFor(faults: readonly Fault[], method: string, path: string): Fault | undefined {
  const fault = faults.find((one) => one.method === method && one.path.test(path) && one.times !== 0);
  if (fault?.times !== undefined) fault.times--;
  return fault;
}

/** Answers with a fault. */
export function giveFault({ status, headers, body = '', cut }: Fault, response: ServerResponse): void {
  if (status === undefined) {
    response.socket?.destroy();
    return;
  }
  const type = body.startsWith('<') ? 'text/html' : 'application/json; charset=utf-8';
  const length = cut ? { 'content-length': String(Buffer.byteLength(body) * 2) } : {};
  response.writeHead(status, { ...(body === '' ? {} : { 'content-type': type }), ...length, ...headers });
  if (cut) response.write(body, () => response.socket?.destroy());
  else response.end(body);
}
