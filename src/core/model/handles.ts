/** By owner, as rules and groups name it: what a CODEOWNERS file calls it. */
export type Handles = ReadonlyMap<string, readonly string[]>;

const HANDLE = /^(?:@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\/[A-Za-z0-9._-]+)?|[^\s@#]+@[^\s@#]+\.[^\s@#]+)$/;

/** `@user`, `@organisation/team`, or an e-mail address: what a CODEOWNERS file can name as it is. */
export function isHandle(text: string): boolean {
  return HANDLE.test(text);
}
