/**
 * The part of SARIF 2.1.0 that mesh writes, as a JSON Schema: the objects with all properties that the standard gives them
 * (https://docs.oasis-open.org/sarif/sarif/v2.1.0/, sections 3.13 to 3.58) and nothing else. Properties that mesh does not
 * write are allowed with any value.
 */
import { Ajv } from 'ajv';

type Schema = Readonly<Record<string, unknown>>;

const TEXT: Schema = { type: 'string' };
const URI: Schema = { type: 'string', format: 'uri' };
const LEVEL: Schema = { enum: ['none', 'note', 'warning', 'error'] };
const listOf = (name: string): Schema => ({ type: 'array', items: ref(name) });
const ref = (name: string): Schema => ({ $ref: `#/definitions/${name}` });
const atLeast = (minimum: number): Schema => ({ type: 'integer', minimum });

/** An object with the `known` properties, and `others` by name with any value. */
function object(
  known: Readonly<Record<string, Schema>>,
  required: readonly string[],
  others: string,
): Schema {
  const names = others.split(' ').filter((name) => name !== '');
  return {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...Object.fromEntries(names.map((name) => [name, {}])),
      properties: { type: 'object' },
      ...known,
    },
    required,
  };
}

const DEFINITIONS: Readonly<Record<string, Schema>> = {
  run: object(
    {
      tool: ref('tool'),
      invocations: listOf('invocation'),
      results: listOf('result'),
      columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
      originalUriBaseIds: { type: 'object', additionalProperties: ref('artifactLocation') },
    },
    ['tool'],
    'conversion language versionControlProvenance artifacts logicalLocations graphs automationDetails runAggregates baselineGuid redactionTokens defaultEncoding defaultSourceLanguage newlineSequences externalPropertyFileReferences threadFlowLocations taxonomies addresses translations policies webRequests webResponses specialLocations',
  ),
  tool: object({ driver: ref('toolComponent') }, ['driver'], 'extensions'),
  toolComponent: object(
    {
      name: TEXT,
      version: TEXT,
      semanticVersion: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+' },
      informationUri: URI,
      rules: { ...listOf('reportingDescriptor'), uniqueItems: true },
    },
    ['name'],
    'guid organization product productSuite shortDescription fullDescription fullName dottedQuadFileVersion releaseDateUtc downloadUri globalMessageStrings notifications taxa locations language contents isComprehensive localizedDataSemanticVersion minimumRequiredLocalizedDataSemanticVersion associatedComponent translationMetadata supportedTaxonomies',
  ),
  reportingDescriptor: object(
    {
      id: TEXT,
      name: TEXT,
      shortDescription: ref('multiformatMessageString'),
      fullDescription: ref('multiformatMessageString'),
      help: ref('multiformatMessageString'),
      helpUri: URI,
      defaultConfiguration: ref('reportingConfiguration'),
    },
    ['id'],
    'deprecatedIds guid deprecatedGuids deprecatedNames messageStrings relationships',
  ),
  multiformatMessageString: object({ text: TEXT, markdown: TEXT }, ['text'], ''),
  reportingConfiguration: object({ level: LEVEL, enabled: { type: 'boolean' } }, [], 'rank parameters'),
  invocation: object(
    { executionSuccessful: { type: 'boolean' }, toolExecutionNotifications: listOf('notification') },
    ['executionSuccessful'],
    'commandLine arguments responseFiles startTimeUtc endTimeUtc exitCode ruleConfigurationOverrides notificationConfigurationOverrides toolConfigurationNotifications exitCodeDescription exitSignalName exitSignalNumber processStartFailureMessage machine account processId executableLocation workingDirectory environmentVariables stdin stdout stderr stdoutStderr',
  ),
  notification: object(
    { message: ref('message'), level: LEVEL, locations: listOf('location') },
    ['message'],
    'threadId timeUtc exception descriptor associatedRule',
  ),
  result: object(
    {
      message: ref('message'),
      ruleId: TEXT,
      ruleIndex: atLeast(-1),
      level: LEVEL,
      kind: { enum: ['notApplicable', 'pass', 'fail', 'review', 'open', 'informational'] },
      locations: listOf('location'),
      partialFingerprints: { type: 'object', additionalProperties: TEXT },
      fixes: listOf('fix'),
    },
    ['message'],
    'rule analysisTarget guid correlationGuid occurrenceCount fingerprints stacks codeFlows graphs graphTraversals relatedLocations suppressions baselineState rank attachments hostedViewerUri workItemUris provenance taxa webRequest webResponse',
  ),
  fix: object(
    { description: ref('message'), artifactChanges: { ...listOf('artifactChange'), minItems: 1 } },
    ['artifactChanges'],
    '',
  ),
  artifactChange: object(
    {
      artifactLocation: ref('artifactLocation'),
      replacements: { ...listOf('replacement'), minItems: 1 },
    },
    ['artifactLocation', 'replacements'],
    '',
  ),
  replacement: object(
    { deletedRegion: ref('region'), insertedContent: object({ text: TEXT }, [], 'binary rendered') },
    ['deletedRegion'],
    '',
  ),
  message: {
    ...object({ text: TEXT, markdown: TEXT, id: TEXT }, [], 'arguments'),
    anyOf: [{ required: ['text'] }, { required: ['id'] }],
  },
  location: object(
    { physicalLocation: ref('physicalLocation'), logicalLocations: listOf('logicalLocation') },
    [],
    'id message annotations relationships',
  ),
  physicalLocation: {
    ...object(
      { artifactLocation: ref('artifactLocation'), region: ref('region'), contextRegion: ref('region') },
      [],
      'address',
    ),
    anyOf: [{ required: ['artifactLocation'] }, { required: ['address'] }],
  },
  artifactLocation: object(
    { uri: { type: 'string', format: 'uri-reference' }, uriBaseId: TEXT, index: atLeast(-1) },
    [],
    'description',
  ),
  region: object(
    {
      startLine: atLeast(1),
      startColumn: atLeast(1),
      endLine: atLeast(1),
      endColumn: atLeast(1),
      charOffset: atLeast(-1),
      charLength: atLeast(0),
      byteOffset: atLeast(-1),
      byteLength: atLeast(0),
    },
    [],
    'snippet message sourceLanguage',
  ),
  logicalLocation: object(
    { name: TEXT, fullyQualifiedName: TEXT, kind: TEXT, index: atLeast(-1), parentIndex: atLeast(-1) },
    [],
    'decoratedName',
  ),
};

const SCHEMA: Schema = {
  ...object(
    { $schema: URI, version: { const: '2.1.0' }, runs: listOf('run') },
    ['version', 'runs'],
    'inlineExternalProperties',
  ),
  definitions: DEFINITIONS,
};

const validate = new Ajv({
  allErrors: true,
  strict: false,
  formats: {
    uri: (text: string) => URL.canParse(text),
    'uri-reference': (text: string) => URL.canParse(text, 'file:///') && !/[\s\\]/.test(text),
  },
}).compile(SCHEMA);

/** What in `log` is not SARIF 2.1.0; empty when all is. */
export function sarifProblems(log: unknown): string[] {
  validate(log);
  return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
}
