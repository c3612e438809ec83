import { type Check, fine, settingLines } from './finding.ts';

/** The settings' idea of the server's external labels, against what the server says. */
export const externalLabels: Check = {
  code: 'external-labels-differ',
  look(facts) {
    const { live, labels, server, sources } = facts;
    const told = live.externalLabels;
    if (!told) return undefined;
    const wrong = Object.entries(labels).filter(([label, value]) => told[label] !== value);
    // JSON is YAML. An entry that is there already has more than its labels.
    const entry = JSON.stringify(told);
    const setting =
      server === ''
        ? settingLines(facts, 'servers', `[{ name: NAME, labels: ${entry} }]`)
        : [`# ${facts.settings.path}: in the entry of ${server} in prometheus.servers, set labels: ${entry}`];
    if (wrong.length > 0) {
      const list = wrong.map(
        ([label, value]) =>
          `${label} is ${told[label] === undefined ? 'missing' : JSON.stringify(told[label])} there, ${JSON.stringify(value)} here`,
      );
      return {
        severity: 'error',
        message: `The server’s external labels are not those that its rules were compiled for (${list.join('; ')}): groups that match on them are decided for another server.`,
        help: 'Correct `labels` of the server, or `global.external_labels` of its configuration; is the URL another server’s?',
        remedy: [...setting, 'rulewright build'],
        details: [`Its external labels: ${JSON.stringify(told)}`],
      };
    }
    const asked = Object.keys(told).filter(
      (label) => labels[label] === undefined && sources?.askedLabels.includes(label),
    );
    if (asked.length > 0) {
      return {
        severity: 'warning',
        message: `Groups match on ${asked.join(', ')}, which ${asked.length === 1 ? 'is an external label' : 'are external labels'} of this server: its own series don’t carry ${asked.length === 1 ? 'it' : 'them'}, so that those rules find nothing.`,
        help: 'List the server with its external labels: matchers on them are then decided when it is compiled. If its series do carry the label, nothing is wrong.',
        remedy: [...setting, 'rulewright build'],
      };
    }
    return fine('its external labels are as we think');
  },
};
