// make check: every static check, all of them even when one fails. Exit code 1 when any does.
import { runChecks } from './checks.ts';

const failed = (await runChecks()).filter((check) => !check.passed);
process.exitCode = failed.length > 0 ? 1 : 0;
