export function expander(): string | undefined;
