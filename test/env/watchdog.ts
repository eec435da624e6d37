import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

// Reads "+PID:START", "-PID:START", "dPATH" and "ePATH" lines. When its input ends, because this process closed it or died in
// any way, it kills what is still listed and removes the directories. START (the process's start time in clock ticks) guards
// against a pid that has been given to someone else.
const script = `
procs= dirs=
while IFS= read -r line; do
  rest=\${line#?}
  case $line in
    +*) procs="$procs $rest" ;;
    d*) dirs="$dirs $rest" ;;
    -*) kept=; for p in $procs; do [ "$p" = "$rest" ] || kept="$kept $p"; done; procs=$kept ;;
    e*) kept=; for d in $dirs; do [ "$d" = "$rest" ] || kept="$kept $d"; done; dirs=$kept ;;
  esac
done
for p in $procs; do
  [ "$(cut -d' ' -f22 "/proc/\${p%%:*}/stat" 2>/dev/null)" = "\${p##*:}" ] && kill -9 "\${p%%:*}" 2>/dev/null
done
[ -n "$dirs" ] && { sleep 0.2; rm -rf -- $dirs; }
exit 0
`;

let guard: ChildProcess | undefined;

function tell(line: string): void {
  if (guard === undefined) {
    guard = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    guard.unref();
    guard.stdin?.on('error', () => undefined);
    (guard.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  }
  guard.stdin?.write(`${line}\n`);
}

/** Start time of a process in clock ticks since boot, or undefined when there is no such process. */
export function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/**
 * Has the process killed if this one ends without stopping it, even by kill -9.
 * @returns a function that takes the process off the list, to be called once it has ended
 */
export function guardProcess(pid: number): () => void {
  const entry = `${pid}:${startTime(pid) ?? '?'}`;
  tell(`+${entry}`);
  return () => tell(`-${entry}`);
}

/** Has the directory (a path without blanks) removed if this process ends without doing so. Returns how to cancel that. */
export function guardDirectory(path: string): () => void {
  tell(`d${path}`);
  return () => tell(`e${path}`);
}
