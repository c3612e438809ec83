import { type Check, fine } from './finding.ts';

/** The settings' idea of the server's external labels, against what the server says. */
export const externalLabels: Check = {
  code: 'external-labels-differ',
  look({ live: { externalLabels: told }, labels, server, sources }) {
    if (!told) return undefined;
    const wrong = Object.entries(labels).filter(([label, value]) => told[label] !== value);
    const entry = `{ name: ${server === '' ? 'NAME' : server}, labels: ${JSON.stringify(told).replaceAll('"', '')} }`;
    if (wrong.length > 0) {
      const list = wrong.map(
        ([label, value]) =>
          `${label} is ${told[label] === undefined ? 'missing' : JSON.stringify(told[label])} there, ${JSON.stringify(value)} here`,
      );
      return {
        severity: 'error',
        message: `The server’s external labels are not those that its rules were compiled for (${list.join('; ')}): groups that match on them are decided for another server.`,
        help: 'Correct `labels` of the server, or `global.external_labels` of its configuration; is the URL another server’s?',
        remedy: ['# rulewright.yaml, prometheus.servers', `- ${entry}`, 'rulewright build'],
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
        remedy: ['# rulewright.yaml', 'prometheus:', '  servers:', `    - ${entry}`, 'rulewright build'],
      };
    }
    return fine('its external labels are as we think');
  },
};
