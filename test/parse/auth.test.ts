import { describe, expect, test } from 'vitest';
import type { ServerAuth } from '../../src/core/model/config.ts';
import { parseConfig } from '../../src/core/parse/config.ts';
import { renderDiagnostics } from '../../src/report/text.ts';

function parse(text: string, env: Record<string, string> = {}): { auth: ServerAuth | undefined; said: string } {
  const { config, diagnostics } = parseConfig({ path: 'rulewright.yaml', text: `version: 1\n${text}` }, env);
  return { auth: config.servers[0]?.auth, said: renderDiagnostics(diagnostics, { color: false, width: 200 }) };
}

const BASIC = 'prometheus: { basic_auth: { username: metrics, password_file: /etc/pw } }\n';

describe('what proves who we are', () => {
  test('is read with the keys of Prometheus', () => {
    const tls = 'tls_config: { ca_file: ca.pem, cert_file: c.pem, key_file: /etc/k.pem, server_name: prom }';
    const { auth, said } = parse(`prometheus:\n  authorization: { credentials_file: ../token }\n  ${tls}\n`);
    expect(said).toBe('');
    expect(auth).toEqual({
      bearerTokenFile: '../token',
      caFile: 'ca.pem',
      certFile: 'c.pem',
      keyFile: '/etc/k.pem',
      serverName: 'prom',
    });
  });

  test.each<[string, Record<string, string>, ServerAuth]>([
    ['nothing', {}, { username: 'metrics', passwordFile: '/etc/pw' }],
    ['a variable that is empty', { PROMETHEUS_PASSWORD: '' }, { username: 'metrics', passwordFile: '/etc/pw' }],
    ['the password alone', { PROMETHEUS_PASSWORD: ' p ' }, { username: 'metrics', password: ' p ' }],
    ['the user alone', { PROMETHEUS_USERNAME: 'me' }, { username: 'me', passwordFile: '/etc/pw' }],
    ['another file', { PROMETHEUS_PASSWORD_FILE: '/run/pw' }, { username: 'metrics', passwordFile: '/run/pw' }],
    ['a token', { PROMETHEUS_BEARER_TOKEN: 't\n' }, { bearerToken: 't' }],
    [
      'certificates',
      { PROMETHEUS_CA_FILE: '/ca', PROMETHEUS_CERT_FILE: '/c', PROMETHEUS_KEY_FILE: '/k' },
      { username: 'metrics', passwordFile: '/etc/pw', caFile: '/ca', certFile: '/c', keyFile: '/k' },
    ],
  ])('%s in the environment', (_, env, expected) => {
    const { auth, said } = parse(BASIC, env);
    expect([auth, said]).toEqual([expected, '']);
  });

  test('two ways at once are refused, without what they hold', () => {
    const { said } = parse('', { PROMETHEUS_PASSWORD: 'hunter2', PROMETHEUS_BEARER_TOKEN: 'hunter3' });
    expect(said).toMatch(/PROMETHEUS_PASSWORD and PROMETHEUS_BEARER_TOKEN are both set/);
    expect(parse('', { PROMETHEUS_PASSWORD: 'hunter2', PROMETHEUS_PASSWORD_FILE: '/x' }).said).toMatch(/both set/);
    expect(said).not.toMatch(/hunter/);
  });

  test('a secret in the file is never shown, whatever is wrong beside it', () => {
    for (const text of [
      'prometheus: { basic_auth: { usrname: x, password: hunter2 } }\n',
      'prometheus:\n  basic_auth:\n    "password": "hunter2"\n',
      'prometheus: { url: "ftp://u:hunter2@host", rule_pth: x }\n',
      'prometheus: { authorization: { credentials: hunter2 }, basic_auth: { username: "" } }\n',
    ]) {
      const { said } = parse(text);
      expect(said).toMatch(/error/);
      expect(said).not.toMatch(/hunter2/);
    }
  });

  test.each([
    ['secrets/token', true],
    ['./a/../token', true],
    ['a/../../token', false],
    ['/etc/token', false],
  ])('a secret inside of the repository is warned of: %s', (path, warned) => {
    const { said } = parse(`prometheus: { authorization: { credentials_file: ${path} } }\n`);
    expect(said.includes('secret-in-repository')).toBe(warned);
  });
});
