import { ByteLru } from '../../shared/cache/memory.ts';
import { SingleFlight } from '../../shared/cache/single-flight.ts';
import { loadChartArchive } from '../../shared/helm/chart/load.ts';
import type { Chart } from '../../shared/helm/chart/types.ts';
import { type CompiledChart, compileChart } from '../../shared/helm/compiled.ts';
import { mustIsolate } from '../../shared/render-pool/isolate.ts';
import { chartRecord } from '../storage/chart-record.ts';
import type { ChartRecord } from '../storage/record.ts';

/** What releases of an artifact report of it. */
export interface ReportedVersion {
  readonly version: string;
  readonly ociDigest: string;
}

/** A chart that is ready to render: loaded, compiled, and its part of the release record made, once per digest. */
export interface StoredChart extends ReportedVersion {
  readonly chart: Chart;
  readonly compiled: CompiledChart;
  readonly record: ChartRecord;
  /** What tells it apart from other charts. */
  readonly key: string;
  /** The archive, for threads that load the chart themselves. */
  readonly archive: Uint8Array;
  /** Its templates must not run in the main thread. */
  readonly isolated: boolean;
}

/** Keeps the charts that releases use by digest, the ones not used for longest leaving first. */
export class ChartStore {
  readonly #charts: ByteLru<StoredChart>;
  readonly #loading = new SingleFlight();

  /** @param maxBytes what the charts may take */
  constructor(maxBytes: number) {
    this.#charts = new ByteLru(maxBytes);
  }

  /**
   * The chart of an artifact.
   *
   * @param digest the artifact's digest, which decides its content
   * @param revision the artifact's revision, which decides what releases report
   * @param reported tells from the chart what is reported
   * @param read the artifact's bytes; called only when the chart is not here
   * @throws what `read` and `reported` throw, ChartError when the archive is no chart
   */
  async get(
    digest: string,
    revision: string,
    reported: (chart: Chart) => ReportedVersion,
    read: () => Promise<Uint8Array>,
  ): Promise<StoredChart> {
    const id = `${digest} ${revision}`;
    const known = this.#charts.get(id);
    if (known) return known;
    return this.#loading.run(id, async () => {
      const archive = await read();
      const loaded = loadChartArchive(archive);
      const { version, ociDigest } = reported(loaded);
      const chart: Chart = { ...loaded, metadata: { ...loaded.metadata, version } };
      const stored: StoredChart = {
        ...{ chart, version, ociDigest, archive, key: id },
        compiled: compileChart(chart),
        record: chartRecord(chart),
        isolated: mustIsolate(chart),
      };
      this.#charts.set(id, stored, stored.compiled.byteSize + stored.record.json.length);
      return stored;
    });
  }
}
