output "runbooks" {
  description = "The runbook of each alert."
  value = merge(
    { for name, alert in merge(local.alerts, local.silences, local.queries, local.entries) : name => alert.runbook },
    { for name, objective in local.objectives : "${name}_objective" => objective.runbook },
  )
}
