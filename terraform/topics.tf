# The topics of schemas/topics.json, each with its pushes; those for dead letters first, since the others refer to them.

locals {
  push_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"

  subscribers = {
    for name, topic in local.topics : name => { for function in topic.subscribers : function => local.urls[function] }
  }
}

module "dead_letter_topic" {
  source   = "./modules/topic"
  for_each = { for name, topic in local.topics : name => topic if topic.source == "dead_letters" }

  name           = each.key
  project_number = data.google_project.this.number
  labels         = local.labels
  regions        = [var.region]
  retention      = "2678400s" # the longest there is: the last net
  subscribers    = local.subscribers[each.key]
  push_account   = local.emails["push"]
  publishers     = { pubsub = local.push_agent } # forwards what was refused too often

  depends_on = [google_service_account.this]
}

module "topic" {
  source   = "./modules/topic"
  for_each = { for name, topic in local.topics : name => topic if topic.source != "dead_letters" }

  name           = each.key
  project_number = data.google_project.this.number
  labels         = local.labels
  regions        = [var.region]
  subscribers    = local.subscribers[each.key]
  push_account   = local.emails["push"]
  dead_letters   = { topic = module.dead_letter_topic[each.value.dead_letters].id }
  archive        = try(each.value.archived, false) ? { bucket = google_storage_bucket.archive.name } : null
  publishers     = each.value.source == "kafka" ? { connect = var.connect_account } : {}

  depends_on = [google_service_account.this, google_storage_bucket_iam_member.archive]
}
