import type { Kind, ServerConfig } from '../core/model/config.ts';
import type { Identity } from '../core/model/identity.ts';
import type { Output } from './output.ts';
import { prometheus } from './prometheus/output.ts';

/** Every backend by the name that people write. A new one is a row here and a folder beside this file. */
export const OUTPUTS: Readonly<Record<Kind, Output>> = { prometheus };

export const outputOf = ({ kind }: ServerConfig): Output => OUTPUTS[kind];

/** What carries an alert's state over a release of a server. */
export const identities = (server: ServerConfig): Identity => outputOf(server).identity;
