/** "Did you mean", as promql has it: one for all that anybody misspells. */
export { editDistance, suggest, suggestWhole } from '../../promql/suggest.ts';
