import type { Chart } from '../helm/chart/types.ts';

/** Functions that block for long, or that need an answer from the cluster while the template waits. */
const SLOW =
  /\b(lookup|genPrivateKey|genCA|genCAWithKey|genSelfSignedCert\w*|genSignedCert\w*|derivePassword|htpasswd|bcrypt)\b/;
/** Above this, parsing alone may hold up the main thread. Bytes of templates. */
const LARGE = 256 * 1024;

/** Whether a chart must be rendered in a thread of its own from the start: it may block, ask the cluster, or is large. */
export function mustIsolate(chart: Chart): boolean {
  const charts = [chart, ...subcharts(chart)];
  const templates = charts.flatMap((one) => one.templates);
  const size = templates.reduce((sum, file) => sum + file.data.length, 0);
  if (size > LARGE) return true;
  // `tpl` runs text of the values too, where a function may be named as well.
  return [...templates, ...charts.flatMap((one) => one.raw.filter((file) => file.name.endsWith('values.yaml')))].some(
    (file) => SLOW.test(Buffer.from(file.data).toString('latin1')),
  );
}

/** Whether a text that `tpl` may run asks for such a function: values of the user are checked for each release. */
export function asksForIsolation(valuesJson: string): boolean {
  return valuesJson.includes('{{') && SLOW.test(valuesJson);
}

function subcharts(chart: Chart): Chart[] {
  return chart.dependencies.flatMap((one) => [one, ...subcharts(one)]);
}
