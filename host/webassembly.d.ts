/** The part of the WebAssembly interface that the engine and the decoders use; Node's types name it without values, the DOM's would bring the page along. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: BufferSource);
    readonly #brand;
  }
  class Instance {
    constructor(module: Module, imports?: object);
    readonly exports: Record<string, unknown>;
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean });
    readonly buffer: ArrayBuffer;
  }
  function validate(bytes: BufferSource): boolean;
}
