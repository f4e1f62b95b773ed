import { type EngineName, readImageChoice } from '../../scripts/image-choice.ts';

/** The image of each engine on this machine, official or built here. */
export function images(): Record<EngineName, string> {
  const choice = readImageChoice();
  if (!choice)
    throw new Error('no images were chosen on this machine: run `npm test`, or `bash scripts/set-up.sh test`');
  return choice.images;
}

/** The demo's own to-do application: an image with Node, whose command is a file or an option of it. */
export function applicationImage(): string {
  const { application } = readImageChoice() ?? {};
  if (application === undefined)
    throw new Error('the demo has no application on this machine: run `npm test`, or `bash scripts/set-up.sh test`');
  return application;
}
