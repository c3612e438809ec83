import { parseDuration } from '../../core/ground/duration.ts';
import { child, type MapNode } from '../../core/parse/nodes.ts';
import { readText, readTexts } from '../../core/parse/read.ts';
import { parseYaml } from '../../core/parse/yaml/yaml.ts';
import { isServerProblem, type Server } from './http.ts';
import { isRecord, textOf } from './json.ts';
import { absolute, readMark } from './mark.ts';
import { type ServerProblem, serverProblem } from './problem.ts';
import type { ServerConfigView } from './types.ts';

const PATH = '/api/v1/status/config';

/** The server's settings as far as they concern rules; paths are made absolute where the server tells its own directory. */
export async function serverConfig(server: Server): Promise<ServerConfigView | ServerProblem> {
  const [data, { mark }] = await Promise.all([server.ask(PATH, []), readMark(server)]);
  if (isServerProblem(data)) return data;
  const yaml = isRecord(data) ? textOf(data['yaml']) : undefined;
  const config = yaml === undefined ? undefined : rootOf(yaml);
  if (config) return configView(config, mark.directory);
  const message = `${server.name} answered ${PATH} in a form that Prometheus doesn't use.`;
  return serverProblem('server', message, 'Check that the URL is that of a Prometheus.');
}

function rootOf(yaml: string): MapNode | undefined {
  const { documents } = parseYaml({ path: 'prometheus.yml', text: yaml });
  const root = documents[0]?.root;
  return root?.kind === 'map' ? root : undefined;
}

/** What the server shows has its defaults filled in, and its paths joined to the folder of its file. */
function configView(config: MapNode, directory: string | undefined): ServerConfigView {
  const files = readTexts(config, 'rule_files') ?? [];
  const global = child(config, 'global');
  const interval = global?.kind === 'map' ? readText(global, 'evaluation_interval') : undefined;
  const parsed = parseDuration(interval?.value ?? '1m');
  const labels = global?.kind === 'map' ? child(global, 'external_labels') : undefined;
  const pairs = labels?.kind === 'map' ? [...labels.entries.values()] : [];
  return {
    ruleFiles: files.map(({ value }) => absolute(value, directory)),
    evaluationInterval: parsed.problem === undefined ? parsed.ms / 1000 : 60,
    externalLabels: Object.fromEntries(
      pairs.flatMap(({ key, value }) => (value.kind === 'scalar' ? [[key, value.text]] : [])),
    ),
  };
}
