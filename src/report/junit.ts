/** A file of tests and how they went. */
export interface JunitSuite {
  readonly name: string;
  readonly seconds: number;
  readonly cases: readonly { readonly name: string; readonly failures: readonly string[] }[];
}

/** JUnit's XML, as CI systems read it. */
export function junitXml(suites: readonly JunitSuite[]): string {
  const all = suites.flatMap((s) => s.cases);
  const count = (cases: JunitSuite['cases']): string =>
    `tests="${cases.length}" failures="${cases.filter((c) => c.failures.length > 0).length}" errors="0"`;
  const body = suites.map((suite) => {
    const cases = suite.cases.map(({ name, failures }) => {
      const head = `    <testcase name="${escaped(name)}" classname="${escaped(suite.name)}"`;
      if (failures.length === 0) return `${head}/>\n`;
      const inner = failures.map(
        (f) => `      <failure message="${escaped(f.split('\n')[0] ?? '')}">${escaped(f)}</failure>\n`,
      );
      return `${head}>\n${inner.join('')}    </testcase>\n`;
    });
    const time = suite.seconds.toFixed(3);
    return `  <testsuite name="${escaped(suite.name)}" ${count(suite.cases)} time="${time}">\n${cases.join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="rulewright" ${count(all)}>\n${body.join('')}</testsuites>\n`;
}

/** Text for XML 1.0, which has no control characters and no halves of characters, not even escaped. */
function escaped(text: string): string {
  return text
    .replace(/(?![\t\n\r])[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c] ?? '&quot;');
}
