import { type Git, startGit } from './door.ts';

/** Reads contents of files that git keeps, all by one process. */
export interface BlobReader {
  /** The content; its size in bytes where that is over the limit; undefined where git doesn't have it. */
  read(oid: string, limit: number): Promise<Buffer | number | undefined>;
  close(): void;
}

interface Request {
  readonly limit: number;
  readonly done: (result: Buffer | number | undefined) => void;
  /** Once the header has come: bytes of content still to come (the line break behind it not counted). */
  left?: number;
  size?: number;
  readonly parts: Buffer[];
}

const LINE_BREAK = 0x0a;

/** Starts `git cat-file --batch`. Answers come in the order of the questions. */
export function blobReader(git: Git): BlobReader {
  const child = startGit(git, ['cat-file', '--batch']);
  // What git complains of is told by what it does not answer; unread it would wait for somebody to read it.
  child.stderr.resume();
  const waiting: Request[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let ended = false;
  const end = (): void => {
    ended = true;
    for (const request of waiting.splice(0)) request.done(undefined);
  };
  child.on('error', end);
  child.on('close', end);
  // Where git ends early its input is closed; that is told by `close` already.
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (waiting[0]) {
      const taken = take(waiting[0], rest);
      if (!taken) return;
      rest = taken.rest;
      if (taken.finished) finish(waiting.shift() as Request);
    }
  });
  return {
    read: (oid, limit) =>
      new Promise((done) => {
        if (ended) {
          done(undefined);
          return;
        }
        waiting.push({ limit, done, parts: [] });
        child.stdin.write(`${oid}\n`);
      }),
    close: () => void child.stdin.end(),
  };
}

/** Takes what belongs to a request off the output; undefined where more must come first. */
function take(request: Request, bytes: Buffer): { readonly rest: Buffer; readonly finished: boolean } | undefined {
  if (request.left === undefined) {
    const end = bytes.indexOf(LINE_BREAK);
    if (end < 0) return undefined;
    const size = /^[0-9a-f]+ blob (\d+)$/.exec(bytes.subarray(0, end).toString('latin1'))?.[1];
    const rest = bytes.subarray(end + 1);
    if (size === undefined) return { rest, finished: true };
    request.size = Number(size);
    request.left = request.size + 1;
    return { rest, finished: false };
  }
  if (bytes.length === 0) return undefined;
  const part = bytes.subarray(0, request.left);
  // What is too large is read past, and not kept.
  if ((request.size as number) <= request.limit) request.parts.push(part);
  request.left -= part.length;
  return { rest: bytes.subarray(part.length), finished: request.left === 0 };
}

function finish({ size, limit, parts, done }: Request): void {
  if (size === undefined) done(undefined);
  else if (size > limit) done(size);
  else done(Buffer.concat(parts).subarray(0, size));
}
