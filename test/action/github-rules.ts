import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';

/** GitHub's own description of its API, cut to what we use: what requests and answers are held against. */

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: { readonly required?: boolean };
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: object;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly parameters: Readonly<Record<string, Parameter>>;
    readonly examples: Readonly<Record<string, { readonly value: unknown }>>;
  };
}

const description = JSON.parse(readFileSync(new URL('github-openapi.json', import.meta.url), 'utf8')) as Description;

const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false });
formats.default(ajv);
ajv.addFormat('repo.nwo', /^[^/]+\/[^/]+$/);
ajv.addSchema(description, 'github');

/** One call that the description knows, with the values of its path. */
export interface Known {
  readonly id: string;
  readonly values: Readonly<Record<string, string>>;
  readonly pointer: string;
  readonly operation: Operation;
}

/** The operation of a request; undefined where GitHub has none such, or we don't use it. */
export function operationOf(method: string, path: string): Known | undefined {
  for (const [template, methods] of Object.entries(description.paths)) {
    const names = [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);
    const match = new RegExp(`^${template.replace(/\{\w+\}/g, '([^/]+)')}$`).exec(path);
    const operation = methods[method.toLowerCase()];
    if (!match || !operation) continue;
    const values = Object.fromEntries(names.map((name, i) => [name, decodeURIComponent(match[i + 1] as string)]));
    const pointer = `#/paths/${template.replaceAll('~', '~0').replaceAll('/', '~1')}/${method.toLowerCase()}`;
    return { id: operation.operationId, values, pointer, operation };
  }
  return undefined;
}

/** What is wrong with a request. */
export function requestFaults({ values, pointer, operation }: Known, query: URLSearchParams, body: unknown): string[] {
  const parameters = (operation.parameters ?? []).map((one) =>
    '$ref' in one ? (description.components.parameters[one.$ref.split('/').at(-1) as string] as Parameter) : one,
  );
  const faults: string[] = [];
  for (const [name, value] of [...Object.entries(values), ...query.entries()]) {
    const parameter = parameters.find((one) => one.name === name);
    if (!parameter) faults.push(`there is no parameter ${name}`);
    else {
      const number = (parameter.schema as { type?: string }).type === 'integer' ? Number(value) : value;
      if (!ajv.validate(parameter.schema, number)) faults.push(`${name}: ${ajv.errorsText()}`);
    }
  }
  if (operation.requestBody === undefined) {
    if (body !== undefined) faults.push('it takes no body');
    return faults;
  }
  if (body === undefined && operation.requestBody.required !== true) return faults;
  faults.push(...against(`${pointer}/requestBody/content/application~1json/schema`, body));
  return faults;
}

/** What is wrong with an answer. Bodies of errors are not described for every status. */
export function answerFaults({ pointer, operation }: Known, status: number, body: unknown): string[] {
  // Too many requests, and no right, can be answered to anything.
  if ([401, 403, 404, 429, 500, 502].includes(status) && operation.responses[String(status)] === undefined) return [];
  if (operation.responses[String(status)] === undefined) return [`${status} is no answer to it`];
  if (status >= 400) return [];
  return against(`${pointer}/responses/${status}/content/application~1json/schema`, body);
}

/** A copy of one of GitHub's own examples. */
export function example(name: string): Record<string, unknown> {
  const { value } = description.components.examples[name] as { value: unknown };
  return structuredClone(Array.isArray(value) ? value[0] : value) as Record<string, unknown>;
}

function against(pointer: string, value: unknown): string[] {
  const validate = ajv.getSchema(`github${pointer}`);
  if (!validate) return [`there is no ${pointer}`];
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => `${error.instancePath || 'it'} ${error.message}`);
}
