import { readFileSync } from 'node:fs';
import { error, getInput, notice, setOutput, setSecret, summary, warning } from '@actions/core';
import { environmentProblem, type Problem } from '../problem.ts';
import { type ActionEvent, readEvent } from './event.ts';

/** A remark on a line of a file, as GitHub shows it beside the change. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
  /** From the workspace, with `/`; undefined: about no file. */
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  readonly endLine?: number;
}

/** GitHub's runner as the Action sees it: inputs, outputs, the log, the summary, and what happened. */
export interface Runner {
  readonly event: ActionEvent;
  /** Trimmed; "" where it isn't given. */
  input(name: string): string;
  output(name: string, value: string): void;
  annotate(annotation: Annotation): void;
  /** Text for people in the job's log. Nothing in it is read as a command. */
  log(text: string): void;
  /** From here on the runner prints *** instead. */
  mask(secret: string): void;
  /** Adds to the step's summary; GitHub takes 1 MiB and drops the whole of what is more. */
  summary(markdown: string): Promise<Problem | undefined>;
}

const SAY = { error, warning, notice };

type Env = Readonly<Record<string, string | undefined>>;

/** The runner that the environment tells of; a Problem where this is no job of GitHub Actions. */
export function openRunner(env: Env, write: (text: string) => void): Runner | Problem {
  const event = readEvent(env, (path) => readFileSync(path, 'utf8'));
  if ('message' in event) return event;
  return {
    event,
    input: (name) => getInput(name),
    output: (name, value) => setOutput(name, value),
    annotate: ({ level, message, title, file, line, endLine }) => {
      const at = {
        title,
        ...(file === undefined ? {} : { file }),
        ...(line === undefined ? {} : { startLine: line }),
        ...(endLine === undefined ? {} : { endLine }),
      };
      SAY[level](message, at);
    },
    log: (text) => write(`${inert(text)}\n`),
    mask: (secret) => {
      if (secret !== '') setSecret(secret);
    },
    summary: async (markdown) => {
      if (!env['GITHUB_STEP_SUMMARY']) return undefined;
      try {
        await summary.addRaw(markdown, true).write();
        return undefined;
      } catch (thrown) {
        const why = thrown instanceof Error ? thrown.message : String(thrown);
        return environmentProblem(`The job summary could not be written: ${why}`);
      }
    },
  };
}

/**
 * Text as the runner prints it and nothing more. The runner obeys what stands behind `::` at the start
 * of a line and behind `##[` anywhere in it, so names from a pull request must not bring such a line about.
 */
export function inert(text: string): string {
  return text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => line.replace(/^(\s*):(?=:)/, '$1: ').replaceAll('##[', '# #['))
    .join('\n');
}
