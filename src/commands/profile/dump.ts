import { Args, Flags } from '@oclif/core';
import { MeshCommand } from '../../cli/base-command.ts';
import { configRequestOf } from '../../cli/config-request.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { configFlags } from '../../cli/flags.ts';
import { selectConfig } from '../../app/profiles.ts';
import { resolveRequest } from '../../app/resolve.ts';
import { flattenFlags } from '../../domain/config/index.ts';
import { printYaml } from '../../lib/yaml-print.ts';
import { formatOrigins } from '../../report/profile-text.ts';

export default class ProfileDump extends MeshCommand {
  static override summary = 'Print the merged configuration of a profile.';
  static override description = `Merges the default profile, the profile NAME, -f files and --set overrides, as install would,
and prints the result. --origins tells which of them gave each value.`;
  static override examples = [
    '<%= config.bin %> profile dump demo',
    '<%= config.bin %> profile dump -p components.pilot -o flags',
    '<%= config.bin %> profile dump -f mesh.yaml --set tag=1.31.4 --origins',
  ];
  static override args = { name: Args.string({ description: 'profile, default if not given' }) };
  static override flags = {
    ...configFlags,
    'config-path': Flags.string({
      char: 'p',
      description: 'only the part below this path, relative to spec',
      helpValue: 'PATH',
    }),
    output: Flags.option({
      char: 'o',
      options: ['yaml', 'json', 'flags'] as const,
      default: 'yaml' as const,
      description: 'output format',
    })(),
    origins: Flags.boolean({ description: 'list each value with the layer that gave it' }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(ProfileDump);
    const request = { ...configRequestOf(flags, this.argv), profile: args.name };
    const spec = await resolveRequest(request, {
      files: this.files,
      shipped: await this.shipped(flags.manifests),
    });
    for (const warning of spec.warnings) await this.note(`warning: ${warning.message}`);
    const path = flags['config-path'];
    const config = selectConfig(spec, path);
    if (flags.origins || flags.output === 'flags') {
      const prefix = path === undefined ? '' : path.replace(/^spec\./, '');
      const lines = flattenFlags(spec, prefix);
      await this.print(
        flags.origins
          ? formatOrigins(lines, this.outStyle)
          : lines.map(({ path: key, text }) => `${key}=${text}\n`).join(''),
      );
      return EXIT.ok;
    }
    await this.print(flags.output === 'json' ? `${JSON.stringify(config, null, 2)}\n` : printYaml(config));
    return EXIT.ok;
  }
}
