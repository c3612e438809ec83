/** A small repository with what `effective` has to tell apart: overlaps, cases, tiers, plain files, hosts with two exporters. */
export const REPOSITORY = {
  'rules/node.yaml': `name: node
rules:
  - alert: HighCPUUsage
    params:
      threshold: { type: number, default: 80, unit: percent }
      window: 5m
    expr: cpu{job="node"} > << threshold >> and rate(x{job="node"}[<< window >>]) > 0
    for: 5m
    labels: { severity: warning }
    annotations: { summary: "over << threshold >>%" }
  - alert: QueueDeep
    params: { threshold: 10 }
    expr: queue_depth > << threshold >>
  - alert: DiskFilling
    params: { threshold: 20 }
    expr: disk < << threshold >>
    tiers: { warning: {}, critical: { threshold: 10 } }
  - alert: Gone
    only: [gpu]
    expr: gpu_count == 0
  - record: job:up:ratio
    expr: avg by (job) (up)
`,
  'rules/plain.yml': `groups:
  - name: plain
    rules:
      - { alert: Plain, expr: up == 0, for: 1m, labels: { severity: critical } }
`,
  'groups/groups.yaml': `id: production
name: Production
match: { env: prod }
thresholds:
  HighCPUUsage: 90
  QueueDeep:
    threshold: 100
    where: [{ id: bulk, match: { queue: bulk }, threshold: 5000 }]
overrides:
  HighCPUUsage: { for: 10m }
disabled: [{ rule: DiskFilling.warning, reason: full by design, until: 2027-01-01 }]
---
id: gpu
match: { tier: gpu }
priority: 10
thresholds: { HighCPUUsage: 95 }
labels: { team: gpu }
---
id: quiet
match: { env: [prod, dev] }
`,
  'groups/targets/t.yml': `- targets: [db-1.example.com:9100]
  labels: { job: node, env: prod }
- targets: [db-1.example.com:9400]
  labels: { job: dcgm, env: prod, tier: gpu }
- targets: [web-1:9100]
  labels: { job: node, env: dev }
- targets: [gpu-1:9100]
  labels: { job: node, env: prod, tier: gpu, target_id: the-gpu }
`,
};
