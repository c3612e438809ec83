import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { environmentProblem, errno, type Problem } from '../problem.ts';
import { entry, makeDirectory, remove, removeIfEmpty, writeNew } from './disk.ts';
import { STORE } from './names.ts';
import { inPlace, type Place } from './place.ts';
import { rulePathProblem, ruleProblem } from './say.ts';

/** The right to change a rule path, until it is released or its process dies. */
export interface Lock {
  /** Safe to call twice. */
  release(): Promise<void>;
}

export interface LockOptions {
  /** Of this process. */
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A rollback may use the room that is kept for it. */
  readonly room?: boolean;
}

/** A lock's file is named after its holder, so that it is never there without saying whose it is. */
const LOCK = /^lock\.([\w.%~*'()!-]+)\.([0-9a-f]{8})\.(\d{1,15})\.(\d{1,15})\.(\d{1,15})$/;
/** Milliseconds. A holder touches its file this often, … */
const TOUCH_EVERY = 20_000;
/** … and one elsewhere, of which nothing can be known, counts as dead after so long without it. */
const DEAD_AFTER = 5 * 60_000;
/** Nothing is made, and no link is followed. */
const TOUCH = constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Milliseconds that the first of two in a tie waits for the other to step back. */
const TIE = 400;

interface Holder {
  readonly file: string;
  readonly host: string;
  /** Which boot and which process namespace the number is of. */
  readonly machine: string;
  readonly pid: number;
  /** When the process began, in the kernel's ticks; 0: unknown. Numbers of processes are used again. */
  readonly started: number;
  readonly since: number;
}

/**
 * Takes the lock of a rule path, or says who holds it. One that a dead process left is taken over.
 *
 * Each contender lays down a file of its own and only then looks for others: of two, at least the second sees the first,
 * so never do both go on. No file is ever waited for that its holder's death leaves behind for good: on this machine the
 * process is looked for, elsewhere the file's age decides, measured by the volume's own clock.
 */
export async function takeLock(rulePath: string, options: LockOptions): Promise<Lock | Problem> {
  const missing = rulePathProblem(rulePath);
  if (missing) return missing;
  for (let left = 5; ; left -= 1) {
    try {
      return await take(rulePath, options);
    } catch (error) {
      // One that was refused took the store away again, in the moment between our finding it there and our using it.
      if (errno(error) === 'ENOENT' && left > 0) continue;
      return ruleProblem(error, 'cannot write to', rulePath, rulePath);
    }
  }
}

async function take(rulePath: string, options: LockOptions): Promise<Lock | Problem> {
  const real = realpathSync(rulePath);
  const mine = nameOf(options);
  const layDown = (place: Place): { made: boolean; taken: boolean } => {
    const path = join(place.store, mine);
    const made = makeDirectory(place.store, place.owner);
    try {
      if (entry(path)) return { made, taken: true };
      writeNew(path, `A deploy of process ${options.pid} on ${hostname()} is under way.\n`, place.owner);
      return { made, taken: false };
    } catch (error) {
      if (made) letGo(place, mine, made);
      throw error;
    }
  };
  const { made, taken } = inPlace(real, layDown, { room: options.room === true });
  if (taken) return held(rulePath, parse(mine) as Holder, options.now);
  try {
    const other = await others(real, mine);
    if (!other) return open(real, mine, made);
    inPlace(real, (place) => letGo(place, mine, false));
    return held(join(real, STORE, other.file), other, options.now);
  } catch (error) {
    inPlace(real, (place) => letGo(place, mine, made));
    throw error;
  }
}

/** The lock goes, and the store with it where it was made for the lock and nothing came into it. */
function letGo({ store }: Place, mine: string, made: boolean): void {
  try {
    remove(join(store, mine));
    if (made) removeIfEmpty(store);
  } catch {
    // A lock that can't be deleted is that of a dead process soon.
  }
}

/** Who else holds the lock, once the dead ones are cleared away. */
async function others(rulePath: string, mine: string): Promise<Holder | undefined> {
  for (const deadline = performance.now() + TIE; ; await sleep(20)) {
    const alive = inPlace(rulePath, ({ store }) => living(store, mine));
    const other = alive.find(({ file }) => file < mine) ?? alive[0];
    // Of two that come at once, the one with the smaller name waits a little and the other steps back.
    if (!other || other.file < mine || performance.now() > deadline) return other;
  }
}

function living(store: string, mine: string): Holder[] {
  const now = statSync(join(store, mine)).mtimeMs;
  const alive: Holder[] = [];
  for (const file of readdirSync(store)) {
    const holder = file === mine ? undefined : parse(file);
    if (!holder) continue;
    const touched = entry(join(store, file))?.mtimeMs;
    if (touched === undefined) continue;
    if (lives(holder, now - touched)) alive.push(holder);
    else remove(join(store, file));
  }
  return alive;
}

/** `age`: milliseconds since the file was touched. */
function lives(holder: Holder, age: number): boolean {
  // A date far in the future is no sign of life either: nobody would outlive it.
  if (holder.host !== hostname() || holder.machine !== machine()) return Math.abs(age) < DEAD_AFTER;
  const started = startOf(holder.pid);
  if (started === undefined) return false;
  return holder.started === 0 || started === 0 || holder.started === started;
}

/** `made`: the store was made for this lock. */
function open(rulePath: string, mine: string, made: boolean): Lock {
  const touch = setInterval(() => {
    try {
      // By a write, so that the time is the volume's own: clocks of machines differ.
      inPlace(rulePath, ({ store }) => touchFile(join(store, mine)));
    } catch {
      // It is gone or the volume is; whoever holds the lock will meet that by itself.
    }
  }, TOUCH_EVERY);
  touch.unref();
  return {
    release: async () => {
      clearInterval(touch);
      try {
        inPlace(rulePath, (place) => letGo(place, mine, made));
      } catch {
        // The rule path is gone, and the lock with it.
      }
    },
  };
}

function touchFile(path: string): void {
  const descriptor = openSync(path, TOUCH);
  try {
    writeSync(descriptor, 'A', 0);
  } finally {
    closeSync(descriptor);
  }
}

function nameOf({ pid, now }: LockOptions): string {
  const host = encodeURIComponent(hostname()).slice(0, 150);
  return ['lock', host, machine(), pid, startOf(pid) ?? 0, now].join('.');
}

function parse(file: string): Holder | undefined {
  const [, host = '', machine = '', pid, started, since] = LOCK.exec(file) ?? [];
  if (pid === undefined) return undefined;
  let name = host;
  try {
    name = decodeURIComponent(host);
  } catch {
    // Cut short in the middle of a character: it is shown as it is written.
  }
  return { file, host: name, machine, pid: Number(pid), started: Number(started), since: Number(since) };
}

function held(path: string, { host, pid, since, machine: where }: Holder, now: number): Problem {
  const at = `${new Date(since).toISOString().replace(/\.\d+Z$/, 'Z')}, ${Math.max(0, Math.round((now - since) / 1000))} s ago`;
  const here = host === hostname() && where === machine();
  const help = here
    ? 'Wait for it to end; if it hangs, end that process: its lock ends with it.'
    : `Wait for it to end. Whether it lives can't be seen from here; if it is dead, its lock ends ${DEAD_AFTER / 60_000} minutes after its last sign of life, or delete ${path}.`;
  return environmentProblem(`Another deploy is under way: process ${pid} on ${host}, since ${at}.`, help);
}

/** When a process began; 0 where that can't be known, undefined where there is no such process. */
function startOf(pid: number): number | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errno(error) !== 'EPERM') return undefined;
  }
  try {
    // The name in parentheses may hold anything; the 22nd field is the 20th behind it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\)\s/s, '')
      .split(' ');
    // A zombie has ended, only nobody has asked how.
    return fields[0] === 'Z' ? undefined : Number(fields[19] ?? 0);
  } catch {
    return 0;
  }
}

/** Tells machines, their boots and their containers apart, where Linux says so. */
function machine(): string {
  const facts = [
    () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'),
    () => readlinkSync('/proc/self/ns/pid'),
  ];
  const known = facts.map((fact) => {
    try {
      return fact();
    } catch {
      return '';
    }
  });
  return createHash('sha256').update(known.join('\n')).digest('hex').slice(0, 8);
}
