import { setTimeout as sleep } from 'node:timers/promises';
import { placedIn } from '../core/ground/paste.ts';
import type { ServerConfig } from '../core/model/config.ts';
import { inspect } from '../io/deploy/rule-path.ts';
import { lostInForce } from '../io/deploy/way-back.ts';
import { shownUrl } from '../io/server/http.ts';
import { type ReloadResult, reload as reloadServer } from '../io/server/reload.ts';
import { style } from '../report/color.ts';
import { plural } from '../report/text.ts';
import { visible } from '../report/visible.ts';
import { callerOf } from './caller.ts';
import { type Call, EXIT, type ExitCode, type Io, isProblem, useColor, writeJson } from './context.ts';
import { progressOf } from './progress.ts';
import { say } from './say.ts';
import { eachServer, serversJson, worstExit } from './servers/each.ts';

interface Row {
  readonly name: string;
  readonly url: string;
  readonly status: 'success' | 'error';
  /** What became of it; "broken": it could not even be asked; "damaged": it was not asked, for it would load damage. */
  readonly result: ReloadResult | 'damaged' | 'broken';
  readonly message: string;
  readonly help: string | null;
  readonly waited_seconds: number;
}

/** Asks servers to read their rule files anew, and waits until they have. */
export async function reload(call: Call, io: Io): Promise<ExitCode> {
  const { globals } = call;
  const progress = progressOf(globals, io);
  const done = await eachServer<Row>(
    call,
    io,
    async ({ config, settings, server }) => {
      const damage = call.options['anyway'] === true ? undefined : await damageOf(config);
      if (damage) {
        const place = { name: config.name, url: server.name };
        return tell({ ...place, status: 'error', result: 'damaged', ...damage, waited_seconds: 0 }, call, io);
      }
      const timeoutMs = settings.prometheus.reloadTimeout * 1000;
      const onWait = (waitedMs: number): void =>
        progress.show(`${server.name} is loading its files (${Math.floor(waitedMs / 1000)} s of ${timeoutMs / 1000})`);
      const outcome = await reloadServer(server, { timeoutMs, now: () => io.now(), sleep, onWait });
      progress.clear();
      const fine = outcome.result === 'reloaded' || outcome.result === 'restarted';
      return tell(
        {
          name: config.name,
          url: server.name,
          status: fine ? 'success' : 'error',
          result: outcome.result,
          message: outcome.message,
          help: outcome.help ?? null,
          waited_seconds: outcome.waitedMs / 1000,
        },
        call,
        io,
      );
    },
    (config, { message, help = null }) => {
      const place = { name: config.name, url: shownUrl(config.url) };
      return tell({ ...place, status: 'error', result: 'broken', message, help, waited_seconds: 0 }, call, io);
    },
  );
  if ('exit' in done) return done.exit;
  const rows = done.answers;
  if (globals.format === 'json') {
    const [only, another] = rows;
    const message = another ? rows.map((row) => `${row.name}: ${row.message}`).join(' ') : (only?.message ?? '');
    writeJson(io, { message, ...serversJson(rows.map((row) => ({ ...row }))) });
  }
  return worstExit(rows.map(exitOf));
}

/** A server that refuses its files has judged them; all else is a matter of the way to it. */
function exitOf({ status, result }: Row): ExitCode {
  if (status === 'success') return EXIT.ok;
  return result === 'refused' || result === 'damaged' ? EXIT.failed : EXIT.broken;
}

/**
 * Why a reload would do harm: somebody damaged the release in force, and the server, which holds it in memory still,
 * would lose what is missing. Where this machine has no rule path, nobody can say.
 */
async function damageOf({ rulePath }: ServerConfig): Promise<Pick<Row, 'message' | 'help'> | undefined> {
  const deployed = await inspect(rulePath);
  if (isProblem(deployed) || !deployed.current || deployed.damaged.length === 0) return undefined;
  const { current, damaged } = deployed;
  const [first, ...more] = damaged.map(({ fileName, what }) => `${fileName} ${WHAT[what]}`);
  const which = more.length === 0 ? first : `${first}, and ${plural(more.length, 'more file')}`;
  const lost = await lostInForce(deployed);
  return {
    message: `Nothing was reloaded: release ${current.id} in ${rulePath} is damaged (${which}), and the server would load that.`,
    help: `${lost.length > 0 ? '`rulewright doctor` says what there is to do, for its pristine copies are lost too.' : '`rulewright deploy` puts it right and reloads.'} If it is meant as it lies there: \`rulewright reload --anyway\`.`,
  };
}

const WHAT = { changed: 'was changed', missing: 'is missing', extra: 'should not be there' } as const;

function tell(told: Row, call: Call, io: Io): Row {
  const { globals } = call;
  const help = told.help === null ? null : placedIn(told.help, callerOf(call, io, told.name));
  const row = { ...told, help };
  if (globals.format === 'json') return row;
  const styles = style(useColor(globals, io, io.stderr));
  const name = row.name === '' ? '' : `${visible(row.name)}: `;
  const line = `${name}${visible(row.message)}`;
  if (row.status === 'success') {
    say(row.waited_seconds < 1 ? line : `${line} It took ${row.waited_seconds.toFixed(0)} s.`, globals, io);
    return row;
  }
  io.stderr.write(`${styles.error('error')}: ${line}\n`);
  if (row.help !== null) io.stderr.write(`${styles.help('help')}: ${visible(row.help)}\n`);
  return row;
}
