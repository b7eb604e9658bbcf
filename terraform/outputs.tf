output "advice_url" {
  description = "Where bank services ask, from inside the network; also the audience of their tokens."
  value       = local.urls["advice"]
}

output "operator_api_url" {
  description = "What SLACKER_OPERATOR_API is set to for the command line."
  value       = local.urls["operator_api"]
}

output "audit_log" {
  description = "What SLACKER_AUDIT_LOG is set to for `python -m cli audit verify`."
  value       = module.audit_log.view
}

output "client_api_address" {
  description = "Where the A record of the clients' API must point; null without one."
  value       = one(module.client_api[*].address)
}

output "network" {
  description = "The network from which functions with internal ingress are called: docs/deploy.md says how the bank's own is joined to it."
  value       = module.network.id
}

output "kafka_topics" {
  description = "The topics that Kafka Connect publishes to."
  value       = sort([for name, topic in local.topics : name if topic.source == "kafka"])
}

output "archive" {
  description = "What a rebuild reads: python -m jobs rebuild THIS."
  value       = "gs://${google_storage_bucket.archive.name}/"
}

output "secrets" {
  description = "The secrets that need a version before the first question is answered: those that somebody reads."
  value       = sort(distinct(flatten([for function in module.function : function.access.secrets])))
}

output "decisions_view" {
  description = "The view of decisions for analysts."
  value       = module.decision_log.view
}

output "objects" {
  description = "The code that is deployed, by function."
  value       = { for name, function in module.function : name => function.object }
}

output "access" {
  description = "Of each function: who may call it, from where, and what it may do."
  value       = { for name, function in module.function : name => function.access }
}

output "signing" {
  description = "Of each function that signs: its key, who may sign with that, and the algorithm."
  value = { for name, key in google_kms_crypto_key.signing : name => {
    key       = key.id
    signer    = google_kms_crypto_key_iam_member.signer[name].member
    role      = google_kms_crypto_key_iam_member.signer[name].role
    algorithm = key.version_template[0].algorithm
    level     = key.version_template[0].protection_level
  } }
}

output "key_ring" {
  description = "What SLACKER_KEY_RING is set to for `python -m cli audit verify`."
  value       = google_kms_key_ring.signing.id
}

output "verifiers" {
  description = "Who may read the public keys of those that sign."
  value       = sort([for grant in google_kms_key_ring_iam_member.verifier : grant.member])
}

output "sizes" {
  description = "Of each function: CPUs, concurrency, instances."
  value       = { for name, function in module.function : name => function.size }
}

output "deliveries" {
  description = "Of each push subscription: to whom, as whom, and where what it cannot deliver goes."
  value       = merge([for topic in merge(module.topic, module.dead_letter_topic) : topic.delivery]...)
}

output "archived_topics" {
  description = "The topics that are archived."
  value       = sort([for name, topic in module.topic : name if topic.archived])
}

output "probe" {
  description = "The account that the probe asks as: a caller of the operation probe."
  value       = local.emails["probe"]
}

output "runbooks" {
  description = "The runbook of each alert."
  value       = module.monitoring.runbooks
}

output "environment" {
  description = "What each function is told."
  value       = { for name, function in module.function : name => function.environment }
}

output "expiring" {
  description = "The collections whose documents expire."
  value       = module.firestore.expiring
}
