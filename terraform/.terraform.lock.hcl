# This file is maintained automatically by "terraform init".
# Manual edits may be lost in future updates.

provider "registry.terraform.io/hashicorp/google" {
  version     = "6.50.0"
  constraints = "~> 6.50"
  hashes = [
    "h1:jjIpJBoewLSgEGqq04ckbDCulKq6hXkPiTI+EQrgb24=",
  ]
}
