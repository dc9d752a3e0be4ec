import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const timeout = 180_000;
const root = fileURLToPath(new URL('../../', import.meta.url));

/** Lines of a page that begin with a word. */
async function lines(page, word) {
  const found = (await readFile(root + page, 'utf8')).match(new RegExp(`^${word} .*$`, 'gm')) ?? [];
  assert.ok(found.length > 0, `${page} has no ${word}`);
  return found;
}

describe("a Laravel application's own tools do what README and pages have them do", () => {
  let folder;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'reverb-tools-'))));
  afterEach(() => rm(folder, { recursive: true }));

  const shell = (line, cwd, environment = {}) => {
    const { status, stdout, stderr } = spawnSync('bash', ['-ec', line], { cwd, encoding: 'utf8', env: { ...process.env, ...environment } });
    assert.equal(status, 0, `${line}\n${stdout}${stderr}`);
    return stdout + stderr;
  };

  test('npm installs what echo.js imports, and Vite builds it with the variables of .env', { timeout }, async (t) => {
    if (spawnSync('npm', ['view', 'pusher-js', 'version'], { cwd: folder }).status !== 0) {
      return t.skip('no registry of npm is reached');
    }
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    await mkdir(join(folder, 'resources/js'), { recursive: true });
    await cp(`${root}examples/laravel/echo.js`, join(folder, 'resources/js/echo.js'));
    await cp(`${root}examples/laravel/.env.example`, join(folder, '.env'));
    const named = new Set([...await lines('README.md', 'npm'), ...await lines('docs/laravel.md', 'npm')]);
    for (const line of named) {
      shell(line, folder, { npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' });
    }
    const { build } = await import('vite');
    await build({
      root: folder,
      logLevel: 'error',
      build: { outDir: 'public/build', rollupOptions: { input: join(folder, 'resources/js/echo.js') } },
    });
    const assets = join(folder, 'public/build/assets');
    const [bundle] = await readdir(assets);
    const code = await readFile(join(assets, bundle), 'utf8');
    assert.match(code, /key:\s*"my-key"/);
    assert.match(code, /wsHost:\s*"localhost"/);
    assert.match(code, /wsPort:\s*"8080"/);
    assert.doesNotMatch(code, /my-secret|import\.meta/, 'nothing but the VITE_ variables gets into the page');
    assert.match(code, /pusher_internal:subscription_succeeded/, 'pusher-js is in it');
  });

  test('Composer takes the package from a clone beside the application, with Laravel 11, 12 and 13', { timeout }, async () => {
    const composer = { COMPOSER_ALLOW_SUPERUSER: '1', COMPOSER_HOME: join(folder, 'home'), COMPOSER_NO_INTERACTION: '1' };
    shell('composer validate --strict --no-check-publish', `${root}packages/laravel`, composer);
    const manifest = JSON.parse(await readFile(`${root}packages/laravel/composer.json`, 'utf8'));
    await symlink(root.replace(/\/$/, ''), join(folder, 'reverb'));
    for (const version of ['11.0.0', '12.9.0', '13.0.0']) {
      const shop = join(folder, `shop-${version}`);
      await mkdir(shop);
      // in place of Packagist: what the package requires, by name and version alone
      const stubs = [...Object.keys(manifest.require).filter((name) => name.includes('/')).map((name) => ({ name, version, type: 'metapackage' })),
        { name: 'pusher/pusher-php-server', version: '7.2.7', type: 'metapackage' }];
      await writeFile(join(shop, 'composer.json'), JSON.stringify({
        repositories: { 'packagist.org': false, stubs: { type: 'package', package: stubs } },
        require: Object.fromEntries(stubs.filter(({ name }) => name.startsWith('illuminate/')).map(({ name }) => [name, version])),
      }));
      const named = new Set([...await lines('README.md', 'composer'), ...await lines('docs/laravel.md', 'composer')]);
      assert.ok(named.has('composer require reverb/laravel:@dev'), [...named].join('\n'));
      for (const line of named) {
        shell(line, shop, composer);
      }
      const installed = JSON.parse(await readFile(join(shop, 'vendor/composer/installed.json'), 'utf8')).packages;
      const ours = installed.find(({ name }) => name === 'reverb/laravel');
      assert.deepEqual(ours.extra.laravel.providers, ['Reverb\\Laravel\\ReverbServiceProvider'], 'what Laravel discovers');
      assert.match(shell(`php -r 'require "vendor/autoload.php"; echo (new Reverb\\Laravel\\App("1", "k", "s"))->id;'`, shop), /^1/);
    }
  });
});
