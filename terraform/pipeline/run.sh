#!/bin/sh
# plan|apply ENVIRONMENT gs://STATE-BUCKET: what a pipeline with a network does with the real provider. Run it at the tree's root.
set -eu

verb=${1:?plan or apply}
environment=${2:?the name of a file in terraform/environments, without .tfvars}
state=${3:?the bucket of the state, gs://...}
case $verb in plan | apply) ;; *) echo "plan or apply expected, not $verb" >&2 && exit 2 ;; esac
[ -f "terraform/environments/$environment.tfvars" ] || { echo "there is no terraform/environments/$environment.tfvars" >&2 && exit 2; }

python3 -m venv .venv && .venv/bin/pip install -q 'nox[uv]' && .venv/bin/nox -s package

cd terraform
cat >backend_override.tf <<'TF'
terraform {
  backend "gcs" {}
}
TF
trap 'rm -f backend_override.tf' EXIT
terraform init -input=false -reconfigure -backend-config="bucket=${state#gs://}" -backend-config="prefix=slacker/$environment"
terraform providers lock -platform=linux_amd64 -platform=linux_arm64 -platform=darwin_arm64
terraform plan -input=false -lock-timeout=5m -var-file="environments/$environment.tfvars" -out="$environment.plan"
terraform show -no-color "$environment.plan" >"$environment.plan.txt"
[ "$verb" = apply ] || exit 0
terraform apply -input=false -lock-timeout=5m "$environment.plan"
terraform plan -input=false -detailed-exitcode -var-file="environments/$environment.tfvars" # 2: applied, it still wants to change something
