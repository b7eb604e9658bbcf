output "runbooks" {
  description = "The runbook of each alert."
  value = merge(
    { for name, alert in merge(local.alerts, local.tasks) : name => alert.runbook },
    { for name, objective in local.objectives : "${name}_objective" => objective.runbook },
    { probe = "advice-down.md" },
  )
}
