/** What the YAML scanner gives to the parser. */

export const STREAM_END = 0;
export const VERSION_DIRECTIVE = 1;
export const TAG_DIRECTIVE = 2;
export const DOCUMENT_START = 3;
export const DOCUMENT_END = 4;
export const BLOCK_SEQUENCE_START = 5;
export const BLOCK_MAPPING_START = 6;
export const BLOCK_END = 7;
export const FLOW_SEQUENCE_START = 8;
export const FLOW_SEQUENCE_END = 9;
export const FLOW_MAPPING_START = 10;
export const FLOW_MAPPING_END = 11;
export const BLOCK_ENTRY = 12;
export const FLOW_ENTRY = 13;
export const KEY = 14;
export const VALUE = 15;
export const ALIAS = 16;
export const ANCHOR = 17;
export const TAG = 18;
export const SCALAR = 19;

export interface Token {
  readonly type: number;
  /** Line where it starts, from 0. */
  readonly line: number;
  /** Scalar's text, anchor's name, tag's handle or `%TAG` handle. */
  readonly value: string;
  /** Tag's suffix or `%TAG` prefix. */
  readonly suffix: string;
  /** A scalar without quotes, which may resolve to something else than a string. */
  readonly plain: boolean;
}

export function token(type: number, line: number, value = '', suffix = '', plain = false): Token {
  return { type, line, value, suffix, plain };
}
