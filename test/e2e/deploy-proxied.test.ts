import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readHolds } from '../../src/io/deploy/hold.ts';
import { proxied } from '../server/support.ts';
import { describeEach } from '../support/tools.ts';
import { build, describeServer, only, put, rule, run, runJson, site } from './deploy-support.ts';

/** A yes to a reload is no proof: a login page says it, too. */

type Gate = (request: IncomingMessage, response: ServerResponse) => boolean;
const isReload = ({ method }: IncomingMessage): boolean => method === 'POST';

/** Answers reloads by itself; `hidden`: keeps for itself as well when the server last reloaded. */
const says =
  (text: string, hidden = false): Gate =>
  (request, response) => {
    if (isReload(request)) response.writeHead(200, { 'content-type': 'text/html' }).end(text);
    else if (hidden && /^\/(?:metrics|api\/v1\/status\/runtimeinfo)/.test(request.url ?? '')) {
      response.writeHead(404).end();
    } else return true;
    return false;
  };

describeEach('a server behind something that says yes', 'prometheus', (program) => {
  it('has its release unconfirmed, never at fault', { timeout: 90_000 }, async () => {
    const { root, rulePath, glob } = site('http://127.0.0.1:1');
    const server = await describeServer({ program, ruleFiles: [glob], flags: ['--web.enable-lifecycle'] });
    await server.start();
    const direct = { PROMETHEUS_URL: server.url };
    const port = Number(new URL(server.url).port);
    const behind = async (gate: Gate) => ({ PROMETHEUS_URL: await proxied(port, gate) });
    put(root, { 'rules/a.yaml': rule('Up', 0) });
    await build(root);
    expect((await run(['-C', root, 'deploy'], { env: direct })).code).toBe(0);
    put(root, { 'rules/a.yaml': rule('Up', 1) });
    await build(root);

    const login = await behind(says('<!doctype html><title>Sign in</title>'));
    for (let turn = 0; turn < 2; turn++) {
      const ran = await runJson(['-C', root, 'deploy'], { env: login });
      expect(ran.code, ran.stdout).toBe(2);
      expect(ran.json).toMatchObject({ status: 'error', errors: [{ code: 'unconfirmed' }] });
      expect(only(ran), ran.stdout).toMatchObject({ status: 'unconfirmed', verified: false, now: only(ran).release });
      expect(only(ran).message).toMatch(
        /with status 200, with a page such as a login has.* its last reload is still that of /,
      );
      // Its files stay, whole, and nobody holds it as failed.
      expect(readFileSync(join(rulePath, 'group-default.yml'), 'utf8')).toContain('up > 1');
      expect(await readHolds(rulePath)).toEqual([]);
    }
    const reloaded = await run(['-C', root, 'reload', '--url', login.PROMETHEUS_URL]);
    expect(reloaded).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/Whether it has read its files is not known/),
    });
    expect((await run(['-C', root, 'status'], { env: direct })).stdout).toMatch(/no server has confirmed it/);
    const next = await runJson(['-C', root, 'deploy'], { env: direct });
    expect(only(next), next.stdout).toMatchObject({ status: 'reloaded', verified: true, now: only(next).release });

    // A memory that became the release's is a sign, where the time of the last reload is kept from us.
    put(root, { 'rules/a.yaml': rule('Up', 2) });
    await build(root);
    const blind = await behind((request, response) => isReload(request) || says('', true)(request, response));
    const seen = await runJson(['-C', root, 'deploy'], { env: blind });
    expect(only(seen), seen.stdout).toMatchObject({ status: 'released', verified: true });
    put(root, { 'rules/a.yaml': rule('Up', 3) });
    await build(root);
    const deaf = await runJson(['-C', root, 'deploy'], {
      env: { ...(await behind(says('', true))), PROMETHEUS_RELOAD_TIMEOUT: '1s' },
    });
    expect(only(deaf)).toMatchObject({
      status: 'unconfirmed',
      message: expect.stringMatching(/does not tell when it last reloaded/),
    });
    // Whoever would rather have the one before goes back to it, and forward again.
    const back = await runJson(['-C', root, 'rollback'], { env: direct });
    expect(only(back), back.stdout).toMatchObject({ status: 'released', verified: true });
    const forth = await runJson(['-C', root, 'deploy', '--again'], { env: direct });
    expect(only(forth), forth.stdout).toMatchObject({ status: 'released', verified: true });
  });
});
