# Lines of the log that are counted, by the field `kind` that every line has (schemas/json/log_line.v1.json).

locals {
  ours    = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=(${join(" OR ", [for s in sort(var.services) : "\"${s}\""])})"
  counted = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/slacker"

  of_commands = "jsonPayload.subscription=~\"^(commands-|notifications[.])\"" # where a dead letter was to be delivered

  unsigned = [
    "jsonPayload.kind=\"approval_not_signed\"",
    "jsonPayload.kind=\"review_not_signed\"",
    "(jsonPayload.kind=\"work_failed\" AND jsonPayload.error=\"Forbidden\")",
    "(jsonPayload.kind=\"review_not_sent\" AND jsonPayload.error=\"Forbidden\")",
    "(jsonPayload.kind=\"command\" AND jsonPayload.outcome=\"dead_lettered\" AND jsonPayload.code=\"forbidden\")",
  ]

  lines = {
    answers              = { filter = "jsonPayload.kind=\"answer\"", about = "all answers" }
    declared_answers     = { filter = "jsonPayload.kind=\"answer\" AND jsonPayload.decided_by=\"declared\"", about = "answers given because the risk function did not decide" }
    unrecorded_answers   = { filter = "jsonPayload.kind=\"answer_not_recorded\"", about = "answers given without a record" }
    probes               = { filter = "jsonPayload.kind=\"answer\" AND jsonPayload.operation=\"probe\" AND jsonPayload.advice=\"APPROVE\"", about = "the probe's questions that were decided as they should" }
    command_dead_letters = { filter = "jsonPayload.kind=\"dead_letter_kept\" AND ${local.of_commands}", about = "commands and notifications that are dead letters now" }
    event_dead_letters   = { filter = "jsonPayload.kind=\"dead_letter_kept\" AND NOT ${local.of_commands}", about = "events that are dead letters now" }
    parked_commands      = { filter = "jsonPayload.kind=\"command\" AND jsonPayload.outcome=\"parked\"", about = "commands that wait for a downstream" }
    damaged_documents    = { filter = "jsonPayload.error=\"Damaged\"", about = "documents of our own that cannot be read" }
    unsigned_decisions   = { filter = "(${join(" OR ", local.unsigned)})", about = "what claims to be decided and is not signed, or is pending where it may not be sent from" }
    broken_audit         = { filter = "jsonPayload.kind=\"audit_broken\"", about = "entries of the audit that are not what was written" }
    errors               = { filter = "severity>=ERROR", about = "faults of ours, or of the set-up" }
  }
}

resource "google_logging_metric" "line" {
  for_each = local.lines

  name        = "slacker/${each.key}"
  description = each.value.about
  filter      = "${local.ours} AND ${each.value.filter}"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"
  }
}
