// make down: ends what `make up` or `KEEP=1 make demo` left running.
import { endStack, readStack } from './stack.ts';

const state = await readStack();
if (state === undefined) {
  console.log('[down] nothing is up');
} else {
  const ended = await endStack(state);
  console.log(ended.length > 0 ? `[down] ended ${ended.join(', ')}` : '[down] everything had ended already');
}
