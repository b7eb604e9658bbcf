output "view" {
  description = "The view for analysts, as project.dataset.table."
  value       = "${var.project_id}.${google_bigquery_dataset.views.dataset_id}.${google_bigquery_table.view.table_id}"
}
