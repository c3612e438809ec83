import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Somebody else's reloads: reloads the server at the URL over and over and asks each time what it has loaded, until
 * its input ends; then prints what it saw as JSON. A process of its own, because a switch blocks the one that makes it.
 */
const [url = ''] = process.argv.slice(2);

/** What the server held after a reload, sorted: group and number of each rule; and how often it did. */
const states = new Map<string, number>();
let reloads = 0;
const failures: string[] = [];
let ended = false;
process.stdin.resume().on('end', () => {
  ended = true;
});

while (!ended) {
  const answer = await fetch(`${url}/-/reload`, { method: 'POST' });
  reloads += 1;
  if (answer.status !== 200) failures.push(`${answer.status} ${await answer.text()}`);
  const rules = await fetch(`${url}/api/v1/rules`);
  const { data } = (await rules.json()) as { data: { groups: { rules: { name: string; query: string }[] }[] } };
  const loaded = data.groups.flatMap((group) => group.rules.map(({ name, query }) => `${name} ${query}`));
  const state = loaded.sort().join('\n');
  states.set(state, (states.get(state) ?? 0) + 1);
  await sleep(0);
}
process.stdout.write(JSON.stringify({ reloads, failures, states: [...states] }));
