/** An error of reading YAML, JSON or TOML; its message is the one that Go's library gives. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
}

/** An error of writing a value (`error marshaling into JSON: json: unsupported value: NaN`). */
export class MarshalError extends Error {
  override readonly name = 'MarshalError';
}
