/** One request to GitHub's API. */
export interface Sent {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: URL;
  /** Without the token. */
  readonly headers: Readonly<Record<string, string>>;
  /** The `Authorization` header; "" for none. */
  readonly authorization: string;
  readonly body: string | undefined;
  /** Milliseconds for the whole of it. */
  readonly timeoutMs: number;
  /** An answer that has more is not read to its end. */
  readonly mostBytes: number;
  /** Files lie elsewhere, and are fetched from there without the token. */
  readonly elsewhere: boolean;
}

/** What came back. */
export interface Answer {
  /** 0: there was no answer, or it broke off. */
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  /** Why there was no answer. */
  readonly broken?: string;
}

const MOST_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 307, 308]);

/**
 * Sends a request and reads its answer to the end; never throws. A redirect within the API is followed as GitHub asks for it,
 * with the same request again; to another host nothing goes but the wish for a file, and the token never.
 */
export async function send(sent: Sent): Promise<Answer> {
  const signal = AbortSignal.timeout(sent.timeoutMs);
  try {
    let { url } = sent;
    for (let redirects = 0; ; redirects++) {
      const home = url.origin === sent.url.origin;
      const response = await fetch(url, {
        method: sent.method,
        redirect: 'manual',
        signal,
        headers: {
          ...sent.headers,
          ...(home && sent.authorization !== '' ? { authorization: sent.authorization } : {}),
        },
        ...(sent.body === undefined ? {} : { body: sent.body }),
      });
      const next = REDIRECTS.has(response.status) ? target(response, url) : undefined;
      if (next === undefined || redirects >= MOST_REDIRECTS || !mayFollow(sent, next)) {
        return await received(response, sent.mostBytes);
      }
      await response.body?.cancel();
      url = next;
    }
  } catch (error) {
    return { status: 0, headers: {}, bytes: Buffer.alloc(0), broken: whyBroken(error, sent.timeoutMs) };
  }
}

function target(response: Response, from: URL): URL | undefined {
  const location = response.headers.get('location') ?? '';
  return location !== '' && URL.canParse(location, from.href) ? new URL(location, from) : undefined;
}

function mayFollow({ url, method, elsewhere }: Sent, next: URL): boolean {
  if (next.origin === url.origin) return true;
  return elsewhere && method === 'GET' && (next.protocol === 'https:' || next.protocol === url.protocol);
}

async function received(response: Response, most: number): Promise<Answer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > most) throw new Error(`the answer has more than ${most} bytes`);
    chunks.push(chunk);
  }
  const headers = Object.fromEntries(response.headers.entries());
  return { status: response.status, headers, bytes: Buffer.concat(chunks) };
}

/** `fetch` says "fetch failed" or "terminated", and what it means by it stands in the cause. */
function whyBroken(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || String((cause as NodeJS.ErrnoException).code ?? error.message);
}
