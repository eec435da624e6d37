const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
  ENOTDIR: 'not a directory',
};

/** A failure to read a file, in Go's words: `open values.yaml: no such file or directory`. */
export function ioMessage(error: unknown, path: string): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const verb = code === 'EISDIR' ? 'read' : 'open';
  return `${verb} ${path}: ${WORDS[code ?? ''] ?? message}`;
}
