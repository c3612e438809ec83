import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Asks promtool whether what a server would find below a rule path loads; the same state once. */
export class Loads {
  readonly #promtool: string;
  readonly #known = new Set<string>();

  constructor(promtool: string) {
    this.#promtool = promtool;
  }

  /** How many different states were checked. */
  get states(): number {
    return this.#known.size;
  }

  /** Fails where a file can't be opened or doesn't load. */
  async check(rulePath: string, where: string): Promise<void> {
    const names = readdirSync(rulePath).filter((name) => name.endsWith('.yml'));
    const state = JSON.stringify(names.map((name) => [name, readFileSync(join(rulePath, name), 'utf8')]));
    if (this.#known.has(state) || names.length === 0) return;
    await promisify(execFile)(this.#promtool, [
      'check',
      'rules',
      '--lint=none',
      ...names.map((name) => join(rulePath, name)),
    ]).catch((error: Error) => {
      throw new Error(`${where}: ${error.message}`);
    });
    this.#known.add(state);
  }
}
