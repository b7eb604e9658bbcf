# Who may ask what is said by operations, which are data: a plan warns where the two lists differ.
check "the_probe_may_ask" {
  assert {
    condition     = contains(local.operations["probe"].callers, local.emails["probe"])
    error_message = "functions/advice/operations/probe.yaml: name ${local.emails["probe"]} among the callers, or publish a version that does."
  }
}

check "who_may_ask_may_call" {
  assert {
    condition = alltrue([
      for member in values(var.advice_invokers) :
      anytrue([for operation in values(local.operations) : contains(operation.callers, split(":", member)[1])])
    ])
    error_message = "advice_invokers: each is among the callers of an operation in functions/advice/operations, or of one that is published."
  }
}

locals {
  operation_files = "${path.module}/../functions/advice/operations"
  operations = { for name in fileset(local.operation_files, "*.yaml") :
  trimsuffix(name, ".yaml") => yamldecode(file("${local.operation_files}/${name}")) }
}
