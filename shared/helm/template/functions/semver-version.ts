import { encodeUtf8 } from '../../../go/utf8.ts';
import {
  GO_STRUCT,
  GoError,
  type GoFunction,
  GoPanic,
  type GoStruct,
  type GoValue,
  goInt,
  type ParamType,
} from '../../../go/value.ts';
import {
  compareVersions,
  type Segment,
  SemVersion,
  validateMetadata,
  validatePrerelease,
} from '../../semver/version.ts';

/** A *semver.Version (or the semver.Version that its Inc and Set methods give) as templates see it. */
export class VersionStruct implements GoStruct {
  readonly [GO_STRUCT] = true as const;
  readonly version: SemVersion;
  readonly goType: '*semver.Version' | 'semver.Version';

  constructor(version: SemVersion, goType: '*semver.Version' | 'semver.Version' = '*semver.Version') {
    this.version = version;
    this.goType = goType;
  }

  get goKind(): string {
    return this.goType === '*semver.Version' ? 'ptr' : 'struct';
  }

  field(): undefined {
    return undefined;
  }

  method(name: string): GoFunction | undefined {
    const build = VALUE_METHODS[name] ?? (this.goKind === 'ptr' ? POINTER_METHODS[name] : undefined);
    return build === undefined ? undefined : { name, ...build(this.version) };
  }

  format(): string {
    return this.version.toString();
  }

  toValue(): GoValue {
    return this.version.toString();
  }
}

/** Reads the version out of an argument of type *semver.Version. */
export function versionOf(v: GoValue): SemVersion {
  if (v instanceof VersionStruct) return v.version;
  throw new GoPanic('runtime error: invalid memory address or nil pointer dereference');
}

/** What deepCopy makes of a version: its fields are not exported, so Go's copy has none of them. */
export function zeroVersion(like: VersionStruct): VersionStruct {
  const parts = { major: 0, minor: 0, patch: 0, prerelease: '', metadata: '', original: '' };
  return new VersionStruct(new SemVersion(parts), like.goType);
}

type Method = (v: SemVersion) => { params: readonly ParamType[]; call: (...args: GoValue[]) => GoValue };

function getter(get: (v: SemVersion) => GoValue): Method {
  return (v) => ({ params: [], call: () => get(v) });
}

function comparison(test: (order: number) => GoValue): Method {
  return (v) => ({
    params: ['*semver.Version'],
    call: (other = null) => test(compareVersions(v, versionOf(other))),
  });
}

function setter(set: (v: SemVersion, text: string) => SemVersion): Method {
  return (v) => ({
    params: ['string'],
    call: (text = '') => {
      try {
        return new VersionStruct(set(v, text as string), 'semver.Version');
      } catch (error) {
        throw new GoError((error as Error).message);
      }
    },
  });
}

const VALUE_METHODS: Readonly<Record<string, Method>> = {
  String: getter((v) => v.toString()),
  Major: getter((v) => goInt(v.major, 'uint64')),
  Minor: getter((v) => goInt(v.minor, 'uint64')),
  Patch: getter((v) => goInt(v.patch, 'uint64')),
  Prerelease: getter((v) => v.prerelease),
  Metadata: getter((v) => v.metadata),
  MarshalJSON: getter((v) => encodeUtf8(`"${v}"`)),
  MarshalText: getter((v) => encodeUtf8(v.toString())),
  IncMajor: getter((v) => changed(v, { major: next(v.major, 'major'), minor: 0, patch: 0 })),
  IncMinor: getter((v) => changed(v, { minor: next(v.minor, 'minor'), patch: 0 })),
  // A prerelease's next patch is the release itself.
  IncPatch: getter((v) => changed(v, { patch: v.prerelease === '' ? next(v.patch, 'patch') : v.patch })),
  SetPrerelease: setter((v, prerelease) => {
    validatePrerelease(prerelease);
    return derived(v, { ...v, prerelease });
  }),
  SetMetadata: setter((v, metadata) => {
    validateMetadata(metadata);
    return derived(v, { ...v, metadata });
  }),
};

const POINTER_METHODS: Readonly<Record<string, Method>> = {
  Original: getter((v) => v.original),
  Compare: comparison((order) => goInt(order)),
  Equal: comparison((order) => order === 0),
  LessThan: comparison((order) => order < 0),
  LessThanEqual: comparison((order) => order <= 0),
  GreaterThan: comparison((order) => order > 0),
  GreaterThanEqual: comparison((order) => order >= 0),
};

function next(segment: Segment, part: string): Segment {
  if (segment === 2n ** 64n - 1n) throw new GoPanic(`${part} version increment would overflow uint64`);
  const value = BigInt(segment) + 1n;
  return value <= 9007199254740991n ? Number(value) : value;
}

function changed(v: SemVersion, parts: { major?: Segment; minor?: Segment; patch?: Segment }): VersionStruct {
  const { major, minor, patch } = v;
  return new VersionStruct(
    derived(v, { major, minor, patch, ...parts, prerelease: '', metadata: '' }),
    'semver.Version',
  );
}

interface Parts {
  major: Segment;
  minor: Segment;
  patch: Segment;
  prerelease: string;
  metadata: string;
}

/** A new version whose original text keeps the `v` of the one that it comes from. */
function derived(from: SemVersion, { major, minor, patch, prerelease, metadata }: Parts): SemVersion {
  const made = new SemVersion({ major, minor, patch, prerelease, metadata });
  const original = (from.original.startsWith('v') ? 'v' : '') + made.original;
  return new SemVersion({ major, minor, patch, prerelease, metadata, original });
}
