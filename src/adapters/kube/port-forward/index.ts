/** What needs a way into a pod; loaded only when something asks for it (a bundle of its own, `bin/shared-modules.ts`). */
export { startForward } from './forward.ts';
export { podRequest } from './pod-request.ts';
