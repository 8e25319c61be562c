import type { KubeClient } from '../../infra/kube/client.ts';
import { describeRef, refOf, type Manifest, type ObjectRef } from '../../infra/kube/objects.ts';
import { MADE_BY_TRIAL, putFields, undoOfMaking, undoOfPutting } from '../../infra/undo/object-undo.ts';
import type { Undo } from '../core/faults/fault.ts';

interface ObjectActsOptions {
  readonly trialId: string;
  readonly kube: Pick<KubeClient, 'get' | 'create' | 'patch'>;
  /** Keeps an undo safe before its act. */
  readonly keep: (undo: Undo) => Promise<void>;
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

/** What people do at the API server in a trial: each act has its undo before it, and is told in the journal. */
export class ObjectActs {
  readonly #options: ObjectActsOptions;

  constructor(options: ObjectActsOptions) {
    this.#options = options;
  }

  async change(object: ObjectRef, patch: Readonly<Record<string, unknown>>): Promise<void> {
    const { kube, keep, note, signal } = this.#options;
    const fields = putFields(await kube.get(object, { signal }), patch);
    if (fields.length > 0) await keep(undoOfPutting(object, fields));
    await kube.patch(object, 'merge', patch, { signal });
    note(`a person changes ${describeRef(object)}: ${JSON.stringify(patch)}`);
  }

  async create(object: Manifest): Promise<void> {
    const { kube, keep, note, trialId, signal } = this.#options;
    const annotations = { ...object.metadata.annotations, [MADE_BY_TRIAL]: trialId };
    await keep(undoOfMaking(refOf(object), trialId));
    await kube.create({ ...object, metadata: { ...object.metadata, annotations } }, { signal });
    note(`a person creates ${describeRef(refOf(object))}`);
  }
}
