import type { KindDefinition } from './object.ts';
import type { JsonSchema } from './schema.ts';

const API_VERSION_HELP = 'Version of the schema that this object is written in.';
const KIND_HELP = 'Kind of the object.';

/** The schema of a whole object: its type, metadata, spec and status. */
export function objectSchema(definition: KindDefinition): JsonSchema {
  return {
    type: 'object',
    description: definition.description,
    properties: {
      apiVersion: { type: 'string', description: API_VERSION_HELP },
      kind: { type: 'string', description: KIND_HELP },
      metadata: { type: 'object' },
      spec: { description: definition.specDescription, ...definition.spec },
      status: { description: definition.statusDescription, ...definition.status },
    },
  };
}

/** The CustomResourceDefinition of a kind, as plain JSON. */
export function customResourceDefinition(definition: KindDefinition): Record<string, unknown> {
  const { group, kind, plural, singular, shortNames, categories, version, columns } = definition;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' },
    },
    spec: {
      group,
      names: { categories, kind, listKind: `${kind}List`, plural, shortNames, singular },
      scope: 'Namespaced',
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema: objectSchema(definition) },
          subresources: { status: {} },
        },
      ],
    },
  };
}

/** The file of crds/ that holds a kind. */
export function crdFileName(definition: KindDefinition): string {
  return `${definition.group}_${definition.plural}.yaml`;
}

/** Every field of a schema as a path: `spec.chart.spec.chart`, `[]` for items and `*` for map values; sorted. */
export function fieldPaths(schema: JsonSchema, prefix = ''): string[] {
  const children: [string, JsonSchema][] = Object.entries(schema.properties ?? {}).map(([name, child]) => [
    prefix === '' ? name : `${prefix}.${name}`,
    child,
  ]);
  if (schema.items !== undefined) children.push([`${prefix}[]`, schema.items]);
  if (schema.additionalProperties !== undefined) children.push([`${prefix}.*`, schema.additionalProperties]);
  return children.flatMap(([path, child]) => [path, ...fieldPaths(child, path)]).sort();
}
