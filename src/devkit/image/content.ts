import { cp, lstat, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { startOwned } from '../process.js';
import { parseDockerfile, type Stage } from './dockerfile.js';

export interface ImageContent {
  readonly stages: readonly Stage[];
  /** What the image has at `/app`. */
  readonly app: string;
  /** Of its files, which is what it adds to the base image, certificates apart. */
  readonly bytes: number;
}

/**
 * Does the steps of the Dockerfile in a folder, as far as they make `/app`: there is a registry for packages here and
 * none for images. Only what set-up has done with the same lock and sources is not done twice.
 *
 * @param repository with `node_modules` and `dist`
 * @param folder an empty one
 * @throws Error with the last lines of the step that failed
 */
export async function makeImageContent(repository: string, folder: string): Promise<ImageContent> {
  const stages = parseDockerfile(await readFile(join(repository, 'Dockerfile'), 'utf8'));
  const rootOf = (stage: string) => join(folder, stage);
  for (const stage of stages.slice(0, -1)) await doStage(stage, repository, rootOf);
  const app = join(rootOf('production'), 'app');
  return { stages, app, bytes: await sizeOf(app) };
}

async function doStage(
  { name, instructions }: Stage,
  repository: string,
  rootOf: (stage: string) => string,
): Promise<void> {
  let work = rootOf(name);
  for (const { keyword, value } of instructions) {
    switch (keyword) {
      case 'WORKDIR':
        work = join(rootOf(name), value);
        await mkdir(work, { recursive: true });
        break;
      case 'COPY':
        await copy(value, work, repository, rootOf);
        break;
      case 'RUN':
        await run(value, name, work, repository);
        break;
      default:
        throw new Error(
          `${keyword} in a stage of the Dockerfile that makes /app is not known here`,
        );
    }
  }
}

async function copy(
  value: string,
  work: string,
  repository: string,
  rootOf: (stage: string) => string,
): Promise<void> {
  const [, stage, paths = ''] = /^(?:--from=(\S+) )?(.*)$/.exec(value) ?? [];
  const parts = paths.split(' ');
  const to = join(work, parts.pop() ?? '.');
  for (const part of parts) {
    const from = stage === undefined ? join(repository, part) : join(rootOf(stage), part);
    const folder = (await lstat(from)).isDirectory();
    // The content of a folder, and a file itself.
    await cp(from, folder ? to : join(to, basename(part)), { recursive: true });
  }
}

async function run(
  command: string,
  stage: string,
  work: string,
  repository: string,
): Promise<void> {
  if (stage === 'build' && command === 'npm ci') {
    await symlink(join(repository, 'node_modules'), join(work, 'node_modules'));
    return;
  }
  if (stage === 'build' && command === 'npm run build') {
    await cp(join(repository, 'dist'), join(work, 'dist'), { recursive: true });
    return;
  }
  // Set-up has fetched the same packages.
  const env = { ...process.env, npm_config_prefer_offline: 'true' };
  const program = startOwned('sh', ['-c', command], { cwd: work, env });
  const { code } = await program.exited;
  if (code !== 0) throw new Error(`"${command}" of the Dockerfile failed:\n${program.lastLines()}`);
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true });
  const sizes = entries.map(async (entry) => {
    const found = await lstat(join(folder, entry));
    return found.isFile() ? found.size : 0;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
