import type { Command } from "commander";
import { EXIT, SaccadeError } from "../errors.js";
import type { Finding } from "../doctor/finding.js";

interface DoctorOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** `saccade doctor`: what keeps a gateway from working on this machine, and what to do about it. */
export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description("look for what keeps a gateway from working here: ports, rates, broker, clock, memory, folders")
    .option("--config <file>", "default: saccade.yaml, else /etc/saccade/saccade.yaml, if there is one")
    .option("--json", "print one JSON object")
    .action(doctor);
}

async function doctor({ config, json }: DoctorOptions): Promise<void> {
  const { examine } = await import("../doctor/doctor.js");
  const findings = await examine(config ?? (await usualConfig()));
  const failed = findings.filter(({ status }) => status === "fail").length;
  process.stdout.write(json ? `${JSON.stringify({ ok: failed === 0, checks: findings })}\n` : textOf(findings));
  if (failed > 0)
    throw new SaccadeError("DOCTOR_FAILED", `${failed} of ${findings.length} checks failed`, "do what they say, then run: saccade doctor");
}

async function usualConfig(): Promise<string | undefined> {
  const { findConfig } = await import("../config/load.js");
  return findConfig().catch((error: unknown) => {
    if (error instanceof SaccadeError && error.exitCode === EXIT.noInput) return undefined;
    throw error;
  });
}

function textOf(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings.map(({ check, status, message, remedy }) => {
    const told = `${status.padEnd(4)}  ${check.padEnd(width)}  ${message}\n`;
    return remedy === null ? told : `${told}${" ".repeat(width + 8)}→ ${remedy}\n`;
  }).join("");
}
