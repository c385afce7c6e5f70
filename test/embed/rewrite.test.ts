import t from "tap";
import { engineSource } from "../../firmware-bridge/engine/rewrite.js";

/** As wasm2c 1.0.32 writes a module of one global, one function of the gate's, one other and one export. */
const WRITTEN = `#include "prologue"
static bool s_module_initialized = false;
static u32 func_types[1];

static void init_func_types(void) {
  func_types[0] = 0;
}

static u32 w2c_assembly_executor_gate_above(Z_saccade_instance_t*, u32);

static void init_globals(Z_saccade_instance_t* instance) {
  instance->w2c_assembly_memory_plan_planAt = 3u;
}

static u32 w2c_assembly_executor_gate_above(Z_saccade_instance_t* instance, u32 w2c_p0) {
  w2c_i0 = i32_load(instance->Z_envZ_memory, (u64)(w2c_i0) + 4u);
  return w2c_i0;
}

static void w2c_assembly_embedded_step(Z_saccade_instance_t* instance, u32 w2c_p0,
    u32 w2c_p1) {
  i32_store(instance->Z_envZ_memory, (u64)(w2c_i0), w2c_i1);
  w2c_i0 = (*Z_envZ_has)(instance->Z_env_instance, w2c_i0);
  w2c_i0 = (*instance->Z_envZ_memory).pages;
  w2c_i0 = w2c_assembly_executor_gate_above(instance, w2c_i0);
  instance->w2c_assembly_memory_plan_planAt = w2c_i0;
}

/* export: 'step' */
void Z_saccadeZ_step(Z_saccade_instance_t* instance, u32 w2c_p0, u32 w2c_p1) {
  return w2c_assembly_embedded_step(instance, w2c_p0, w2c_p1);
}

static void init_instance_import(Z_saccade_instance_t* instance) {
}
`;

t.test("wasm2c's C stands on our memory, in one instance, the gate on loads of its own", async (t) => {
  const text = engineSource(WRITTEN);
  t.match(text, "static struct {\n  u32 memory_plan_planAt;\n} engine = {\n  3u,\n};");
  t.match(text, "GATE_FUNCTION static u32 executor_gate_above(u32 w2c_p0);");
  t.match(text, "ENGINE_FUNCTION static void engine_step(u32 w2c_p0,\n    u32 w2c_p1);");
  t.match(text, "w2c_i0 = gate_i32_load((w2c_i0) + 4u);");
  t.match(text, "  i32_store((w2c_i0), w2c_i1);\n  w2c_i0 = Z_envZ_has(w2c_i0);\n  w2c_i0 = MEMORY_PAGES;\n  w2c_i0 = executor_gate_above(w2c_i0);\n");
  t.match(text, "  engine.memory_plan_planAt = w2c_i0;\n");
  t.notMatch(text, /instance|prologue|func_types/);
});

t.test("other text is refused", async (t) => {
  t.throws(() => engineSource("int main(void) {}"), /wasm2c/);
  t.throws(() => engineSource(WRITTEN.replace("static u32 func_types", "LOAD_DATA(1);\nstatic u32 func_types")), /static data/);
  t.throws(() => engineSource(WRITTEN.replace("i32_store(instance->Z_envZ_memory", "i32_store(*instance")), /instance/);
});
