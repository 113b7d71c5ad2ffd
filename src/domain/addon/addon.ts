/** Addons: what is set up beside a mesh to look at it. Data of `manifests/addons/addons.yaml` with its templates. */
import { MeshError } from '../../lib/errors.ts';
import { nearestName } from '../../lib/suggest.ts';
import type { CompiledTemplate } from '../template/types.ts';

/** How `mesh dashboard` finds the page of an addon. */
export interface AddonWindow {
  /** Label selector of its pods. */
  readonly selector: string;
  /** Port of the pod. */
  readonly port: number;
  readonly path: string;
}

export interface Addon {
  readonly name: string;
  /** Tag of its image. */
  readonly version: string;
  readonly summary: string;
  /** Image references with tags, by the name that templates use. */
  readonly images: Readonly<Record<string, string>>;
  /** Labels that its Deployment and its Services select by. */
  readonly selector: Readonly<Record<string, string>>;
  /** Absent: it has no page of its own. */
  readonly window?: AddonWindow | undefined;
  /** Addons whose data it shows. */
  readonly uses: readonly string[];
  /** A sentence for whoever has installed it. */
  readonly note?: string | undefined;
  readonly templates: readonly CompiledTemplate[];
  /** Texts of `files/`, by file name. */
  readonly files: Readonly<Record<string, string>>;
  /** Dashboards for Grafana as JSON texts, by file name. */
  readonly dashboards: Readonly<Record<string, string>>;
}

/** The addons of these names, in the order of `addons`, each once. Throws one `usage` MeshError for all unknown names. */
export function selectAddons(addons: readonly Addon[], names: readonly string[]): Addon[] {
  const known = addons.map(({ name }) => name);
  const unknown = [...new Set(names.filter((name) => !known.includes(name)))];
  const [first] = unknown;
  if (first !== undefined) {
    const nearest = unknown.length === 1 ? nearestName(first, known) : undefined;
    throw new MeshError(
      'usage',
      unknown.length === 1
        ? `there is no addon "${first}"`
        : `there are no addons ${unknown.map((name) => `"${name}"`).join(', ')}`,
      { hint: nearest === undefined ? `use ${known.join(', ')}` : `did you mean ${nearest}?` },
    );
  }
  return addons.filter(({ name }) => names.includes(name));
}
