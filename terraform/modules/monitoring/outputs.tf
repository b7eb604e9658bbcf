output "runbooks" {
  description = "The runbook of each alert."
  value       = merge({ for name, alert in local.alerts : name => alert.runbook }, { for name, silence in local.silences : name => silence.runbook })
}
