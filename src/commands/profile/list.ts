import { MeshCommand } from '../../cli/base-command.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { configFlags, textJsonOrYaml } from '../../cli/flags.ts';
import { listProfiles } from '../../app/profiles.ts';
import { formatProfileList } from '../../report/profile-text.ts';

export default class ProfileList extends MeshCommand {
  static override summary = 'List the configuration profiles.';
  static override examples = ['<%= config.bin %> profile list', '<%= config.bin %> profile list -o json'];
  static override flags = {
    manifests: configFlags.manifests,
    output: textJsonOrYaml,
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(ProfileList);
    const profiles = listProfiles(await this.shipped(flags.manifests));
    await this.print(formatProfileList(profiles, flags.output, this.outStyle));
    return EXIT.ok;
  }
}
